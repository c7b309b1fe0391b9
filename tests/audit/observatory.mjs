// MDN's HTTP Observatory on the addresses given: their scores as JSON. Its own scan(), over TLS that it trusts by
// NODE_EXTRA_CA_CERTS. Its list of preloaded hosts, which it would fetch when installed, is empty here.
import { writeFileSync } from "node:fs";

const list = new URL("./node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json", import.meta.url);
writeFileSync(list, "{}");
const { scan } = await import("@mdn/mdn-http-observatory");

const found = [];
for (const address of process.argv.slice(2)) {
  const { scan: whole, tests } = await scan(address);
  const failed = Object.entries(tests).filter(([, test]) => !test.pass || test.scoreModifier < 0);
  found.push({ score: whole.score, grade: whole.grade, status: whole.statusCode, failed: failed.map(([name, test]) => `${name}: ${test.result}`) });
}
console.log(JSON.stringify(found));
