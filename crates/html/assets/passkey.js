// Asks the browser for a passkey and sends what it says by the form around the button. What needs
// a passkey is hidden until this runs, and a sentence in its place says why.
"use strict";
(() => {
  const isThere = "PublicKeyCredential" in window;
  document.querySelectorAll("[data-unscripted]").forEach((place) => {
    if (isThere) place.hidden = true;
    else place.textContent = place.dataset.unscripted;
  });
  if (!isThere) return;
  document.querySelectorAll("[data-scripted]").forEach((place) => (place.hidden = false));
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const asked = form.dataset;

  // Base64 of URLs, without padding.
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  const known = () =>
    asked.known
      .split(" ")
      .filter((one) => one)
      .map((one) => {
        const [id, ways] = one.split(":");
        return { type: "public-key", id: bytes(id), transports: ways ? ways.split(",") : [] };
      });
  const ways = {
    get: () =>
      navigator.credentials.get({
        publicKey: {
          challenge: bytes(asked.challenge),
          rpId: asked.rp,
          allowCredentials: known(),
          userVerification: asked.verification,
          timeout: Number(asked.timeout),
        },
      }),
    create: () =>
      navigator.credentials.create({
        publicKey: {
          challenge: bytes(asked.challenge),
          rp: { id: asked.rp, name: asked.place },
          user: { id: bytes(asked.user), name: asked.login, displayName: asked.called },
          pubKeyCredParams: asked.algorithms
            .split(" ")
            .map((alg) => ({ type: "public-key", alg: Number(alg) })),
          excludeCredentials: known(),
          authenticatorSelection: {
            residentKey: asked.resident,
            requireResidentKey: asked.resident === "required",
            userVerification: asked.verification,
          },
          attestation: "none",
          timeout: Number(asked.timeout),
        },
      }),
  };
  const fields = {
    client_data: "clientDataJSON",
    authenticator_data: "authenticatorData",
    attestation: "attestationObject",
    signature: "signature",
    user_handle: "userHandle",
  };
  const fill = (credential) => {
    form.elements.credential.value = text(credential.rawId);
    for (const [name, part] of Object.entries(fields)) {
      const field = form.elements[name];
      const value = credential.response[part];
      if (field) field.value = value ? text(value) : "";
    }
    const ways = form.elements.transports;
    if (ways) ways.value = credential.response.getTransports?.().join(",") ?? "";
  };

  const said = document.querySelector("[data-said]");
  const say = (sentence) => {
    said.querySelector("strong").textContent = sentence;
    said.hidden = false;
    said.focus();
  };

  // No person refuses as fast: the browser wants a click of this page first.
  const TOO_FAST_MS = 500;
  let isBusy = false;
  const ask = async (isByItself) => {
    if (isBusy) return;
    isBusy = true;
    said.hidden = true;
    const start = performance.now();
    try {
      fill(await ways[asked.passkey]());
      // Sent at once: no click of a button, which could come twice.
      form.submit();
    } catch (error) {
      isBusy = false;
      const isTooFast = isByItself && performance.now() - start < TOO_FAST_MS;
      if (isTooFast && error.name === "NotAllowedError") return;
      say(asked[error.name.toLowerCase()] ?? asked.otherwise);
    }
  };
  form.querySelector("button").addEventListener("click", () => ask(false));
  // The page is there again as it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isBusy = false;
  });
  // Somebody came here by the button of the page before.
  if (document.hasFocus()) ask(true);
})();
