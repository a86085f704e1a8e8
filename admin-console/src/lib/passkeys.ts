import i18next from "i18next";
import { Problem } from "./problem";

/** What the browser is to do, as the server writes it: bytes in base64url. */
export type CeremonyOptions = Record<string, unknown>;
/** What the device answered, written the same way. */
export type Credential = Record<string, unknown>;

/** Whether this browser, at this address, can hold or show a passkey at all. */
export function passkeysWork(): boolean {
  return window.isSecureContext && typeof window.PublicKeyCredential === "function";
}

/** Has the device make a passkey. */
export function makePasskey(options: CeremonyOptions): Promise<Credential> {
  return held(() => navigator.credentials.create({ publicKey: creationOptions(options) }));
}

/** Has the device show a passkey. */
export function showPasskey(options: CeremonyOptions): Promise<Credential> {
  return held(() => navigator.credentials.get({ publicKey: requestOptions(options) }));
}

async function held(ceremony: () => Promise<globalThis.Credential | null>): Promise<Credential> {
  try {
    const credential = await ceremony();
    if (credential instanceof PublicKeyCredential) return written(credential);
  } catch (cause) {
    throw stopped(cause);
  }
  throw stopped(undefined);
}

/** Browsers say little about why: mostly that the person closed their window. */
function stopped(cause: unknown): Problem {
  const name = cause instanceof DOMException ? cause.name : "";
  const code = { InvalidStateError: "known", SecurityError: "elsewhere" }[name] ?? "stopped";
  const problem = new Problem({ code, detail: i18next.t(`passkey.${code as "known" | "elsewhere" | "stopped"}`) }, 400);
  problem.cause = cause;
  return problem;
}

type Described = PublicKeyCredentialDescriptorJSON[] | undefined;

function creationOptions(options: CeremonyOptions): PublicKeyCredentialCreationOptions {
  const json = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  // Browsers from before 2025 cannot read it themselves.
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  const { extensions: _, ...rest } = json;
  return {
    ...rest,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  } as PublicKeyCredentialCreationOptions;
}

function requestOptions(options: CeremonyOptions): PublicKeyCredentialRequestOptions {
  const json = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  const { extensions: _, ...rest } = json;
  return {
    ...rest,
    challenge: bytes(json.challenge),
    allowCredentials: descriptors(json.allowCredentials),
  } as PublicKeyCredentialRequestOptions;
}

function descriptors(given: Described): PublicKeyCredentialDescriptor[] {
  return (given ?? []).map(
    (one) => ({ ...one, type: "public-key", id: bytes(one.id) }) as PublicKeyCredentialDescriptor,
  );
}

function written(credential: PublicKeyCredential): Credential {
  if (typeof credential.toJSON === "function") return credential.toJSON() as unknown as Credential;
  const { response } = credential;
  const parts: Credential = { clientDataJSON: text(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports();
  }
  if (response instanceof AuthenticatorAssertionResponse) {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
    if (response.userHandle) parts.userHandle = text(response.userHandle);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: {},
  };
}

export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
