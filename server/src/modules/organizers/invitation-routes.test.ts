import assert from "node:assert/strict";
import { test } from "node:test";
import { INVITATION_DAYS } from "./invitation-store.ts";
import { sharedOrganizers } from "./testing.ts";

const given = sharedOrganizers();
const anAddress = () => `${crypto.randomUUID()}@example.org`;

async function anInvitation(role = "viewer") {
  const { aUser, anOrganizer, tokenFor } = given();
  const [owner, guest] = [await aUser(), await aUser()];
  const id = await anOrganizer(owner, "Muzeum <& co>");
  const path = `/organizers/${id}/invitations`;
  const email = anAddress();
  const invited = await owner.ask(`POST ${path}`, { email, role });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  return { owner, guest, id, path, email, invited: invited.body, token: await tokenFor(email) };
}

test("whoever follows the link of a mail is a member, once", async () => {
  const { guest, id, token, invited } = await anInvitation("door");
  assert.deepEqual(Object.keys(invited).sort(), [
    "created_at",
    "email",
    "expires_at",
    "id",
    "role",
  ]);
  const accepted = await guest.ask("POST /invitations/accept", { token });
  assert.deepEqual(accepted.body, { organizer: { id, name: "Muzeum <& co>" }, role: "door" });
  assert.equal((await guest.ask(`GET /organizers/${id}`)).body.role, "door");
  const another = await given().aUser();
  const again = await another.ask("POST /invitations/accept", { token });
  assert.deepEqual([again.status, again.body.code], [410, "invitation_expired"]);
});

test("the mail names the organizer as text, and its link leads here with the token behind #", async () => {
  const { email } = await anInvitation();
  const mail = given().mails.findLast(({ to }) => to === email);
  assert.equal(mail?.subject, "You are invited to Muzeum <& co>");
  assert.match(mail?.text ?? "", /https:\/\/tickets\.example\.org\/accept-invitation#[\w-]{43}\n$/);
  assert.match(mail?.html ?? "", /Muzeum &lt;&amp; co>/);
});

test("the mail is in the language of whoever invites, where we write it", async () => {
  const { aUser, anOrganizer, tokenFor, mails } = given();
  const owner = await aUser();
  const path = `/organizers/${await anOrganizer(owner, "Muzeum")}/invitations`;
  const email = anAddress();
  const headers = { "accept-language": "cs-CZ, en;q=0.5" };
  await owner.ask(`POST ${path}`, { email, role: "viewer" }, headers);
  await tokenFor(email);
  assert.equal(mails.findLast(({ to }) => to === email)?.subject, "Pozvánka: Muzeum");
});

test("an invitation that is old, taken back, replaced or made up opens nothing", async () => {
  const { aUser, clock, tokenFor } = given();
  const expired = async (token: string) => {
    const user = await aUser();
    const { status, body } = await user.ask("POST /invitations/accept", { token });
    assert.deepEqual([status, body.code], [410, "invitation_expired"]);
    assert.deepEqual((await user.ask("GET /organizers")).body.data, []);
  };
  await expired("A".repeat(43));
  await expired("nonsense");
  const replaced = await anInvitation("viewer");
  const second = await replaced.owner.ask(`POST ${replaced.path}`, {
    email: replaced.email.toUpperCase(),
    role: "manager",
  });
  assert.equal(second.body.email, replaced.email);
  await expired(replaced.token);
  const listed = await replaced.owner.ask(`GET ${replaced.path}`);
  assert.deepEqual(
    listed.body.data.map((one) => [one["email"], one["role"]]),
    [[replaced.email, "manager"]],
  );
  const takenBack = await replaced.owner.ask(`DELETE ${replaced.path}/${second.body.id}`);
  assert.equal(takenBack.status, 204);
  await expired(await tokenFor(replaced.email));
  const missing = await replaced.owner.ask(`DELETE ${replaced.path}/${second.body.id}`);
  assert.deepEqual([missing.status, missing.body.code], [404, "not_found"]);
  const old = await anInvitation();
  clock.advance((INVITATION_DAYS * 86_400 + 1) * 1000);
  await expired(old.token);
  assert.deepEqual((await old.owner.ask(`GET ${old.path}`)).body.data, []);
});

test("a member cannot accept twice, and the invitation stays good for somebody else", async () => {
  const { aUser } = given();
  const { owner, token } = await anInvitation();
  const refused = await owner.ask("POST /invitations/accept", { token });
  assert.deepEqual([refused.status, refused.body.code], [409, "already_member"]);
  const guest = await aUser();
  assert.equal((await guest.ask("POST /invitations/accept", { token })).status, 200);
});

test("one link that two follow at once makes one member", async () => {
  const { aUser } = given();
  const { token } = await anInvitation();
  const users = await Promise.all([aUser(), aUser(), aUser()]);
  const answers = await Promise.all(
    users.map((user) => user.ask("POST /invitations/accept", { token })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 410, 410]);
});

test("who is invited is answered alike, with an account or without", async () => {
  const { aUser, anOrganizer } = given();
  const [owner, known] = [await aUser(), await aUser("known")];
  assert.ok(known);
  const path = `/organizers/${await anOrganizer(owner)}/invitations`;
  const shapes = await Promise.all(
    ["known@example.org", anAddress()].map(async (email) => {
      const { status, body } = await owner.ask(`POST ${path}`, { email, role: "viewer" });
      return [status, Object.keys(body).sort().join()];
    }),
  );
  assert.deepEqual(shapes[0], shapes[1]);
});

test("wrong roles and addresses are refused, and nothing is sent", async () => {
  const { owner, path } = await anInvitation();
  const sent = given().mails.length;
  for (const body of [
    { email: "nobody", role: "viewer" },
    { email: "a@example.org\r\nBcc: b@example.org", role: "viewer" },
    { email: anAddress(), role: "owner" },
    { email: anAddress() },
  ]) {
    const refused = await owner.ask(`POST ${path}`, body);
    assert.deepEqual([refused.status, refused.body.code], [422, "invalid_field"]);
  }
  assert.equal(given().mails.length, sent);
});

test("the tables and the log hold no token of an invitation", async () => {
  const { database, lines } = given();
  const { token } = await anInvitation();
  const { rows } = await database.kysely
    .selectFrom("organizers.invitation")
    .selectAll()
    .execute()
    .then((found) => ({ rows: JSON.stringify(found) }));
  assert.ok(!rows.includes(token) && !JSON.stringify(lines).includes(token));
});
