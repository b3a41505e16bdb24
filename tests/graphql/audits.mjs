// Runs the audits of the npm package graphql-http against a server, and prints their results as JSON.
//
//   node audits.mjs URL
import { auditServer } from "graphql-http";

const [url] = process.argv.slice(2);

async function bodyOf(response) {
  return response.bodyUsed ? "" : response.text();
}

const results = [];
for (const { id, name, status, reason, response } of await auditServer({ url })) {
  const answer = response && { status: response.status, type: response.headers.get("content-type"), body: await bodyOf(response) };
  results.push({ id, name, status, reason, answer });
}
console.log(JSON.stringify(results));
