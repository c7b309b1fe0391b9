// Lighthouse on one address: scores, requests, bytes and layout shift as JSON. The port serves the CDN's name too;
// every other name is unknown.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";

const [address, device, port] = process.argv.slice(2);
const chrome = await launch({
  logLevel: "error",
  chromeFlags: [
    ..."--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync".split(" "),
    ..."--disable-background-networking --disable-component-update --ignore-certificate-errors".split(" "),
    `--host-resolver-rules=MAP cdn.jsdelivr.net:443 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
  ],
});
const flags = { port: chrome.port, logLevel: "error", onlyCategories: ["performance", "accessibility", "best-practices"] };
const { lhr } = await lighthouse(address, flags, device === "desktop" ? desktop : undefined);
chrome.kill();

const categories = Object.values(lhr.categories);
const weighed = new Set(categories.flatMap((each) => each.auditRefs.filter((ref) => ref.weight).map((ref) => ref.id)));
const requests = lhr.audits["network-requests"].details.items.filter((each) => !each.url.endsWith("/favicon.ico"));
console.log(JSON.stringify({
  error: lhr.runtimeError?.message ?? "",
  scores: categories.map((each) => Math.round(each.score * 100)),
  requests: requests.map((each) => [each.url, each.statusCode, each.transferSize]),
  shift: lhr.audits["cumulative-layout-shift"].numericValue,
  failed: [...weighed].map((id) => lhr.audits[id]).filter((each) => each.score !== null && each.score < 1)
    .map((each) => `${each.id} ${each.displayValue ?? ""}`.trim()),
}));
