/** Passkeys: ask the server what to ask, ask the browser, and send the answer as a form. Without them nothing shows. */

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The server's words, with bytes where the browser wants bytes. */
const options = ({ publicKey }) => {
  const found = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (found.user) found.user = { ...found.user, id: bytes(found.user.id) };
  for (const name of ["allowCredentials", "excludeCredentials"])
    if (found[name]) found[name] = found[name].map((each) => ({ ...each, id: bytes(each.id) }));
  return { publicKey: found };
};

/** The browser's answer, with text where it holds bytes. */
const answer = ({ id, rawId, type, response }) => {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const found = Object.fromEntries(names.filter((name) => response[name]).map((name) => [name, text(response[name])]));
  return JSON.stringify({ id, rawId: text(rawId), type, response: found });
};

const use = async (form) => {
  const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  headers["Idempotency-Key"] = crypto.randomUUID();
  const asked = await fetch(form.dataset.ask, { method: "POST", headers });
  if (asked.status === 401) return location.assign(asked.headers.get("X-Go-To"));
  if (!asked.ok) throw new Error(`the server said ${asked.status}`);
  const how = form.dataset.passkey === "create" ? "create" : "get";
  form.elements.credential.value = answer(await navigator.credentials[how](options(await asked.json())));
  return form.submit();
};

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const [said, button] = [form.querySelector("[role=alert]"), form.querySelector("button")];
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      [said.hidden, button.disabled] = [true, true];
      try { await use(form); } catch { [said.hidden, button.disabled] = [false, false]; }
    });
  }
for (const each of document.querySelectorAll("[data-with-passkey]")) each.hidden = !window.PublicKeyCredential;

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
