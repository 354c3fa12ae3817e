// The page: a form to sign in, a list of notes, a note.
import { signIn } from "./client.js";

const $ = (id) => document.getElementById(id);
let notes;

/** Runs what a button does and shows what came of it. */
const button = (id, run) =>
  $(id).addEventListener("click", async () => {
    $("status").textContent = "…";
    try {
      $("status").textContent = (await run()) ?? "done";
    } catch (err) {
      $("status").textContent = err.message;
    }
  });

const owner = () => $("owner").value || undefined;

async function show() {
  $("names").replaceChildren(
    ...(await notes.list()).map((name) => Object.assign(document.createElement("li"), { textContent: name })),
  );
}

button("sign-in", async () => {
  const config = await (await fetch("/config.json")).json();
  notes = await signIn(config, location.origin, $("username").value, $("password").value);
  await show();
  return `signed in as ${notes.identityId}`;
});
button("put", async () => {
  await notes.put($("name").value, $("text").value, owner());
  await show();
});
button("get", async () => {
  $("text").value = await notes.get($("name").value, owner());
});
button("remove", async () => {
  await notes.remove($("name").value, owner());
  await show();
});
