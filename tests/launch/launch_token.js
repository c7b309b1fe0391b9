// A launch token for the Cash settings page; Node.js 16 or newer. Sign on the server only.
const { createHmac, randomBytes } = require("node:crypto");

function hmac(key, text) {
  return createHmac("sha256", key).update(text).digest();
}

function launchToken(key, account, company, user, lang, parent) {
  const claims = {
    aud: "cash-settings",
    role: "admin",
    jti: randomBytes(16).toString("hex"),
    account,
    company,
    sub: user,
    lang,
    parent,
  };
  const time = Buffer.alloc(4);
  time.writeUInt32BE(Math.floor(Date.now() / 1000));
  const text = `${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${time.toString("base64url")}`;
  const signingKey = hmac(key, "cash.launch.v1");
  return `${text}.${hmac(signingKey, text).toString("base64url")}`;
}

module.exports = { launchToken };
