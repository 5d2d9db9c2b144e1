// Asks the browser for a passkey and sends its answer with the form that the button stands in.
const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((each) => ({ ...each, id: octets(each.id) }));

// the options come as WebAuthn level 3's JSON; not every browser reads or writes that by itself
async function create(options) {
  const user = { ...options.user, id: octets(options.user.id) };
  const publicKey = { ...options, user, challenge: octets(options.challenge) };
  publicKey.excludeCredentials = named(options.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey });
  const response = { attestationObject: text(made.response.attestationObject) };
  return [made, { ...response, transports: made.response.getTransports?.() ?? [] }];
}

async function get(options) {
  const publicKey = { ...options, challenge: octets(options.challenge) };
  publicKey.allowCredentials = named(options.allowCredentials);
  const used = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = used.response;
  const response = { authenticatorData: text(authenticatorData), signature: text(signature) };
  return [used, userHandle ? { ...response, userHandle: text(userHandle) } : response];
}

async function ask(button) {
  const options = JSON.parse(button.dataset.options);
  const [credential, more] = await (button.dataset.passkey === "create" ? create(options) : get(options));
  const response = { clientDataJSON: text(credential.response.clientDataJSON), ...more };
  const { id, type } = credential;
  button.form.elements["proof-passkey"].value = JSON.stringify({ id, rawId: id, type, response });
  button.form.submit();
}

for (const button of window.PublicKeyCredential ? document.querySelectorAll("button[data-passkey]") : []) {
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  button.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = "";
    ask(button).catch(() => {
      said.textContent = "No passkey came of it. Try again, or choose another way.";
    });
  });
}
