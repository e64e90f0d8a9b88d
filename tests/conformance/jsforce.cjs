// The calls of jsforce this suite makes. `node jsforce.cjs` makes them all, in order, and prints
// one line of JSON a call: its name, and the error where one was thrown or a result was not as
// it should be. ORG_URL and ORG_TOKEN say where the org is.

const assert = require("node:assert/strict");
const jsforce = require("jsforce");

const KEY = "Migration_Key__c";
const AWKWARD = 'Zoë "Zed" Müller, 🦷\nsecond line; O\'Hara';

const org = new jsforce.Connection({
  instanceUrl: process.env.ORG_URL,
  accessToken: process.env.ORG_TOKEN,
  version: "67.0",
});
org.bulk2.pollInterval = 200;

const key = (stem, number) => `js:${stem}:${number}`;
const accounts = (stem, count) =>
  Array.from({ length: count }, (_, number) => ({
    Name: `${stem} ${number}`,
    [KEY]: key(stem, number),
  }));
const ids = (results) => results.map((each) => each.id);

async function bulkInsert(stem, count) {
  const done = await org.bulk2.loadAndWaitForResults({
    object: "Account",
    operation: "insert",
    input: accounts(stem, count),
  });
  assert.equal(done.successfulResults.length, count);
}

async function refused(call, code) {
  await assert.rejects(call, (error) => {
    assert.equal(error.errorCode ?? error.name, code, error.message);
    return true;
  });
}

const calls = {
  async identity() {
    const me = await org.identity();
    const [user] = (await org.query(`SELECT Username FROM User WHERE Id = '${me.user_id}'`)).records;
    assert.equal(me.username, user.Username);
    const [found] = (await org.query("SELECT Id FROM Organization")).records;
    assert.equal(me.organization_id, found.Id);
  },

  async limits() {
    const before = (await org.limits()).DailyApiRequests;
    const after = (await org.limits()).DailyApiRequests;
    assert.ok(before.Max > 0);
    assert.equal(after.Remaining, before.Remaining - 1);
  },

  async describeGlobal() {
    const names = (await org.describeGlobal()).sobjects.map((each) => each.name);
    for (const name of ["Account", "Contact", "Insurance_Detail__c", "Event", "Task"]) {
      assert.ok(names.includes(name), name);
    }
  },

  async describe() {
    const { fields, keyPrefix } = await org.sobject("Account").describe();
    assert.equal(keyPrefix, "001");
    const found = fields.find((each) => each.name === KEY);
    assert.deepEqual(
      [found.externalId, found.unique, found.idLookup, found.type, found.custom],
      [true, true, true, "string", true],
    );
    await refused(() => org.describe("Nothing__c"), "NOT_FOUND");
  },

  async create() {
    const made = await org.sobject("Account").create({ Name: AWKWARD, [KEY]: key("one", 1) });
    assert.equal(made.success, true);
    const read = await org.sobject("Account").retrieve(made.id);
    assert.equal(read.Name, AWKWARD);
    assert.equal(read[KEY], key("one", 1));
  },

  async createRefused() {
    await refused(() => org.sobject("Contact").create({ FirstName: "Nobody" }), "REQUIRED_FIELD_MISSING");
    await refused(() => org.sobject("Account").create({ Name: "x".repeat(256) }), "STRING_TOO_LONG");
  },

  async update() {
    const { id } = await org.sobject("Account").create({ Name: "Before", [KEY]: key("update", 1) });
    const done = await org.sobject("Account").update({ Id: id, Name: "After" });
    assert.equal(done.success, true);
    assert.equal((await org.sobject("Account").retrieve(id)).Name, "After");
  },

  async destroy() {
    const { id } = await org.sobject("Account").create({ Name: "Gone", [KEY]: key("destroy", 1) });
    assert.equal((await org.sobject("Account").destroy(id)).success, true);
    await refused(() => org.sobject("Account").retrieve(id), "ENTITY_IS_DELETED");
    const left = await org.query(`SELECT Id FROM Account WHERE Id = '${id}'`);
    assert.equal(left.totalSize, 0);
    const all = await org.query(`SELECT IsDeleted FROM Account WHERE Id = '${id}'`, { scanAll: true });
    assert.equal(all.records[0].IsDeleted, true);
  },

  async upsert() {
    const first = await org.sobject("Account").upsert({ Name: "First", [KEY]: key("upsert", 1) }, KEY);
    assert.deepEqual([first.success, first.created], [true, true]);
    const again = await org.sobject("Account").upsert({ Name: "Again", [KEY]: key("upsert", 1) }, KEY);
    assert.deepEqual([again.id, again.success, again.created], [first.id, true, false]);
    assert.equal((await org.sobject("Account").retrieve(first.id)).Name, "Again");
  },

  async createMany() {
    const made = await org.sobject("Account").create(accounts("many", 450), { allowRecursive: true });
    assert.equal(made.length, 450);
    assert.ok(made.every((each) => each.success));
    const found = await org.query(
      `SELECT Id, Name FROM Account WHERE ${KEY} LIKE 'js:many:%' ORDER BY CreatedDate, Id`,
    );
    assert.equal(found.totalSize, 450);
    const names = Object.fromEntries(found.records.map((each) => [each.Id, each.Name]));
    made.forEach((each, number) => assert.equal(names[each.id], `many ${number}`));
  },

  async createTooMany() {
    await refused(() => org.sobject("Account").create(accounts("toomany", 201)), "LIMIT_EXCEEDED");
  },

  async createManyPartly() {
    const rows = [...accounts("partly", 1), { [KEY]: key("partly", 9) }];
    const [good, bad] = await org.sobject("Account").create(rows);
    assert.equal(good.success, true);
    assert.equal(bad.success, false);
    assert.deepEqual(
      [bad.errors[0].statusCode, bad.errors[0].fields],
      ["REQUIRED_FIELD_MISSING", ["Name"]],
    );
  },

  async createManyAllOrNone() {
    const rows = [...accounts("strict", 1), { [KEY]: key("strict", 9) }];
    const results = await org.sobject("Account").create(rows, { allOrNone: true });
    assert.deepEqual(results.map((each) => each.success), [false, false]);
    assert.equal(results[0].errors[0].statusCode, "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    const left = await org.query(`SELECT Id FROM Account WHERE ${KEY} LIKE 'js:strict:%'`);
    assert.equal(left.totalSize, 0);
  },

  async retrieveMany() {
    const made = ids(await org.sobject("Account").create(accounts("retrieve", 3)));
    const missing = made[0].slice(0, 12) + "zzz";
    const read = await org.retrieve("Account", [made[2], missing, made[0]], { fields: ["Id", "Name"] });
    assert.deepEqual(
      read.map((each) => each && [each.Id, each.Name]),
      [[made[2], "retrieve 2"], null, [made[0], "retrieve 0"]],
    );
    const whole = await org.retrieve("Account", made);
    assert.deepEqual(whole.map((each) => each[KEY]), [0, 1, 2].map((each) => key("retrieve", each)));
  },

  async updateMany() {
    const made = ids(await org.sobject("Account").create(accounts("updates", 2)));
    const done = await org.sobject("Account").update(made.map((Id) => ({ Id, Phone: "555-0100" })));
    assert.deepEqual(done.map((each) => [each.id, each.success]), made.map((each) => [each, true]));
    const read = await org.query(`SELECT Phone FROM Account WHERE ${KEY} LIKE 'js:updates:%'`);
    assert.deepEqual(read.records.map((each) => each.Phone), ["555-0100", "555-0100"]);
  },

  async upsertMany() {
    await org.sobject("Account").create(accounts("upserts", 1));
    const done = await org.sobject("Account").upsert(accounts("upserts", 3), KEY);
    assert.deepEqual(done.map((each) => [each.success, each.created]), [
      [true, false],
      [true, true],
      [true, true],
    ]);
  },

  async destroyMany() {
    const made = ids(await org.sobject("Account").create(accounts("destroys", 3)));
    const done = await org.sobject("Account").destroy(made);
    assert.deepEqual(done.map((each) => [each.id, each.success]), made.map((each) => [each, true]));
    const [again] = await org.sobject("Account").destroy([made[0]]);
    assert.equal(again.errors[0].statusCode, "ENTITY_IS_DELETED");
  },

  async query() {
    await org.sobject("Account").create(accounts("query", 2));
    const found = await org.query(
      `SELECT Id, Name, Owner.Name FROM Account WHERE ${KEY} LIKE 'js:query:%' ORDER BY Name DESC`,
    );
    assert.deepEqual(found.records.map((each) => each.Name), ["query 1", "query 0"]);
    assert.equal(found.records[0].Owner.Name, "Integration User");
  },

  async queryRefused() {
    await refused(() => org.query("SELECT Nope FROM Account"), "INVALID_FIELD");
    await refused(() => org.query("SELECT FROM Account"), "MALFORMED_QUERY");
  },

  async queryMore() {
    await bulkInsert("page", 4_100);
    const soql = `SELECT Id, Name FROM Account WHERE ${KEY} LIKE 'js:page:%'`;
    let page = await org.query(soql);
    assert.deepEqual([page.totalSize, page.done, page.records.length], [4_100, false, 2_000]);
    const seen = new Set(page.records.map((each) => each.Id));
    while (!page.done) {
      page = await org.queryMore(page.nextRecordsUrl);
      page.records.forEach((each) => seen.add(each.Id));
    }
    assert.equal(seen.size, 4_100);
  },

  async queryAutoFetch() {
    const soql = `SELECT Id FROM Account WHERE ${KEY} LIKE 'js:page:%'`;
    const { records } = await org.query(soql).run({ autoFetch: true, maxFetch: 10_000 });
    assert.equal(new Set(records.map((each) => each.Id)).size, 4_100);
  },

  async find() {
    await org.sobject("Contact").create({ LastName: "Found", FirstName: "Ann", [KEY]: key("find", 1) });
    const found = await org
      .sobject("Contact")
      .find({ [KEY]: { $like: "js:find:%" }, LastName: "Found" }, ["Id", "FirstName"])
      .sort({ LastName: 1 })
      .limit(5);
    assert.deepEqual(found.map((each) => each.FirstName), ["Ann"]);
    const count = await org.sobject("Contact").count({ [KEY]: key("find", 1) });
    assert.equal(count, 1);
  },

  async bulkUpsert() {
    const input = [
      { Name: AWKWARD, [KEY]: key("bulk", 1), Description: "" },
      { Name: "Plain", [KEY]: key("bulk", 2), Description: "x" },
      { Name: "", [KEY]: key("bulk", 3), Description: "no name" },
    ];
    const options = { object: "Account", operation: "upsert", externalIdFieldName: KEY };
    const done = await org.bulk2.loadAndWaitForResults({ ...options, input });
    assert.deepEqual(
      done.successfulResults.map((each) => [each[KEY], each.sf__Created, each.Name]).sort(),
      [
        [key("bulk", 1), "true", AWKWARD],
        [key("bulk", 2), "true", "Plain"],
      ],
    );
    assert.equal(done.failedResults.length, 1);
    assert.equal(done.failedResults[0][KEY], key("bulk", 3));
    assert.match(done.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
    assert.deepEqual(done.unprocessedRecords, []);
    const again = await org.bulk2.loadAndWaitForResults({ ...options, input: input.slice(0, 2) });
    assert.deepEqual(again.successfulResults.map((each) => each.sf__Created), ["false", "false"]);
    const [read] = (await org.query(`SELECT Name FROM Account WHERE ${KEY} = '${key("bulk", 1)}'`)).records;
    assert.equal(read.Name, AWKWARD);
  },

  async bulkRefused() {
    await assert.rejects(
      org.bulk2.loadAndWaitForResults({
        object: "Account",
        operation: "insert",
        input: [{ Name: "x", Nope__c: "y" }],
      }),
      /InvalidBatch : Field name not found : Nope__c/,
    );
  },

  async bulkUpdateAndDelete() {
    await bulkInsert("bulkchange", 3);
    const soql = `SELECT Id, Phone FROM Account WHERE ${KEY} LIKE 'js:bulkchange:%'`;
    const rows = (await org.query(soql)).records.map((each) => ({ Id: each.Id }));
    const updated = await org.bulk2.loadAndWaitForResults({
      object: "Account",
      operation: "update",
      input: rows.map((each) => ({ ...each, Phone: "555-0101" })),
    });
    assert.equal(updated.successfulResults.length, 3);
    assert.ok((await org.query(soql)).records.every((each) => each.Phone === "555-0101"));
    const deleted = await org.bulk2.loadAndWaitForResults({
      object: "Account",
      operation: "delete",
      input: rows,
    });
    assert.equal(deleted.successfulResults.length, 3);
    assert.equal((await org.query(soql)).totalSize, 0);
  },

  async bulkQuery() {
    const stream = await org.bulk2.query(
      `SELECT Id, Name, ${KEY} FROM Account WHERE ${KEY} LIKE 'js:page:%' OR ${KEY} = '${key("bulk", 1)}'`,
    );
    const rows = await stream.toArray();
    assert.equal(rows.length, 4_101);
    assert.equal(rows.find((each) => each[KEY] === key("bulk", 1)).Name, AWKWARD);
  },

  async sessionRefused() {
    const stranger = new jsforce.Connection({
      instanceUrl: process.env.ORG_URL,
      accessToken: "00D000000000000!nobody",
      version: "67.0",
    });
    await refused(() => stranger.query("SELECT Id FROM Account"), "INVALID_SESSION_ID");
  },
};

async function main() {
  for (const [call, make] of Object.entries(calls)) {
    let error = null;
    try {
      await make();
    } catch (thrown) {
      error = `${thrown.name}: ${thrown.message}`;
    }
    console.log(JSON.stringify({ call, error }));
  }
}

main();
