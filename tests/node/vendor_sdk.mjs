// Klaviyo's own Node SDK at the sandbox whose address and key are given as arguments. Ends with an
// error where an answer is not what it should be; prints how many calls were made.

import assert from "node:assert/strict";
import * as klaviyo from "klaviyo-api";

const [url, key] = process.argv.slice(2);
const session = new klaviyo.ApiKeySession(key);

function at(Api) {
  const api = new Api(session);
  api.basePath = url;
  return new Proxy(api, {
    get(target, name) {
      const method = target[name];
      return (...given) => {
        calls += 1;
        return method.apply(target, given);
      };
    },
  });
}

let calls = 0;
const profiles = at(klaviyo.ProfilesApi);
const lists = at(klaviyo.ListsApi);
const events = at(klaviyo.EventsApi);
const metrics = at(klaviyo.MetricsApi);
const coupons = at(klaviyo.CouponsApi);

const ada = await profiles.createProfile({
  data: { type: "profile", attributes: { email: "ada@shop.example", firstName: "Ada" } },
});
const id = ada.body.data.id;
assert.equal((await profiles.getProfile(id)).body.data.attributes.firstName, "Ada");
await profiles.updateProfile(id, { data: { type: "profile", id, attributes: { title: "Countess" } } });
const again = await profiles.createOrUpdateProfile({
  data: { type: "profile", attributes: { email: "ada@shop.example" } },
});
assert.equal(again.body.data.attributes.title, "Countess");

await assert.rejects(
  profiles.createProfile({ data: { type: "profile", attributes: { email: "ada@shop.example" } } }),
  (error) => error.response.status === 409 && error.response.data.errors[0].code === "duplicate_profile",
);
await assert.rejects(profiles.getProfile("nobody"), (error) => error.response.status === 404);

const news = await lists.createList({ data: { type: "list", attributes: { name: "News" } } });
const list = news.body.data.id;
await lists.addProfilesToList(list, { data: [{ type: "profile", id }] });
assert.equal((await lists.getProfilesForList(list)).body.data[0].id, id);
assert.equal((await lists.getLists()).body.data.length, 1);

const rows = ["b", "c", "d"].map((name) => ({
  type: "profile", attributes: { email: `${name}@shop.example` },
}));
const job = await profiles.bulkImportProfiles({
  data: { type: "profile-bulk-import-job", attributes: { profiles: { data: rows } } },
});
const ended = await profiles.getBulkImportProfilesJob(job.body.data.id);
assert.equal(ended.body.data.attributes.completedCount, 3);

const seen = [];
let cursor;
do {
  const page = await profiles.getProfiles({ pageSize: 3, pageCursor: cursor });
  seen.push(...page.body.data.map((profile) => profile.id));
  cursor = page.body.links.next;
} while (cursor);
assert.equal(new Set(seen).size, 4);

await events.createEvent({
  data: {
    type: "event",
    attributes: {
      properties: { n: 1 },
      metric: { data: { type: "metric", attributes: { name: "Placed Order" } } },
      profile: { data: { type: "profile", attributes: { email: "ada@shop.example" } } },
    },
  },
});
const event = (await events.getEvents()).body.data[0].id;
assert.equal((await events.getProfileForEvent(event)).body.data.id, id);
assert.equal((await metrics.getMetrics()).body.data[0].attributes.name, "Placed Order");
await coupons.createCoupon({ data: { type: "coupon", attributes: { externalId: "TEN" } } });
assert.equal((await coupons.getCoupons()).body.data.length, 1);

console.log(calls);
