// Klaviyo's own SDK for Node: 10,000 objects a call, nothing else kept or checked.
// `node vendor_sdk.mjs FILE URL KEY`: each line of the file is a profile's attributes. Prints a line of JSON.

import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import * as klaviyo from "klaviyo-api";

const BATCH = 10_000;
const [file, url, key] = process.argv.slice(2);
// The SDK has names of its own for the API's.
const NAMES = { external_id: "externalId", first_name: "firstName", last_name: "lastName" };
const rows = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => {
  const named = Object.entries(JSON.parse(line)).map(([name, value]) => [NAMES[name] ?? name, value]);
  return { type: "profile", attributes: Object.fromEntries(named) };
});
const profiles = new klaviyo.ProfilesApi(new klaviyo.ApiKeySession(key));
profiles.basePath = url;

globalThis.gc?.();
writeFileSync("/proc/self/clear_refs", "5");
const resident = status("VmRSS");
const cpu = process.cpuUsage();
const began = performance.now();
for (let start = 0; start < rows.length; start += BATCH) {
  await profiles.bulkImportProfiles({
    data: {
      type: "profile-bulk-import-job",
      attributes: { profiles: { data: rows.slice(start, start + BATCH) } },
    },
  });
}
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({
  rows: rows.length,
  cpu_seconds: (user + system) / 1e6,
  wall_seconds: (performance.now() - began) / 1e3,
  peak_mb: (status("VmHWM") - resident) / 1024,
}));

function status(what) {
  return Number(new RegExp(`^${what}:\\s*(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))[1]);
}
