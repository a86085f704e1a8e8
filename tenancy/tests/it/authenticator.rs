//! A browser with a device that keeps passkeys (WebAuthn level 2, "none" attestation, ES256).
//!
//! Written here because the libraries for it order the keys of every JSON object in the build (`preserve_order`), and with that
//! what the server prints. The device answers for whatever page it is on: it is the server that has to refuse.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends here; two test crates share the file"
)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// What the device keeps of one key.
#[derive(Clone)]
pub struct Passkey {
    id: Vec<u8>,
    user_handle: String,
    private_key: Vec<u8>,
}

/// A browser with a device, on a page.
pub struct Browser {
    origin: String,
    pub passkey: Option<Passkey>,
}

impl Browser {
    pub fn on(origin: &str, passkey: Option<Passkey>) -> Self {
        Self {
            origin: origin.to_owned(),
            passkey,
        }
    }

    /// `navigator.credentials.create`, as `toJSON` writes the answer.
    pub fn make(&mut self, options: &Json) -> Json {
        let random = SystemRandom::new();
        let mut id = vec![0; 16];
        random.fill(&mut id).unwrap();
        let private_key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let passkey = Passkey {
            id,
            user_handle: text(&options["user"]["id"]),
            private_key: private_key.as_ref().to_vec(),
        };
        let client_data = self.client_data("webauthn.create", options);
        let mut data = authenticator_data(&text(&options["rp"]["id"]), USER_PRESENT | USER_VERIFIED | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(passkey.id.len()).unwrap().to_be_bytes());
        data.extend(&passkey.id);
        data.extend(cose(passkey.key().public_key().as_ref()));
        let mut attestation = vec![0xa3];
        attestation.extend(cbor_text("fmt"));
        attestation.extend(cbor_text("none"));
        attestation.extend(cbor_text("attStmt"));
        attestation.push(0xa0);
        attestation.extend(cbor_text("authData"));
        attestation.extend(cbor_bytes(&data));
        let id = encode(&passkey.id);
        self.passkey = Some(passkey);
        json!({"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": encode(&client_data), "attestationObject": encode(&attestation), "transports": ["internal"]}})
    }

    /// `navigator.credentials.get`, as `toJSON` writes the answer.
    pub fn answer(&self, options: &Json) -> Json {
        let passkey = self.passkey.as_ref().unwrap();
        let client_data = self.client_data("webauthn.get", options);
        let data = authenticator_data(&text(&options["rpId"]), USER_PRESENT | USER_VERIFIED);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = passkey.key().sign(&SystemRandom::new(), &signed).unwrap();
        let id = encode(&passkey.id);
        json!({"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": encode(&client_data), "authenticatorData": encode(&data),
                "signature": encode(signature.as_ref()), "userHandle": passkey.user_handle}})
    }

    fn client_data(&self, kind: &str, options: &Json) -> Vec<u8> {
        let data =
            json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false});
        data.to_string().into_bytes()
    }
}

impl Passkey {
    fn key(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.private_key, &SystemRandom::new()).unwrap()
    }
}

/// The party, what was made sure of, and a counter that stays 0 as on devices that share their keys.
fn authenticator_data(party: &str, flags: u8) -> Vec<u8> {
    let mut data = Sha256::digest(party).to_vec();
    data.push(flags);
    data.extend([0; 4]);
    data
}

/// A point of P-256 as a COSE key: kty EC2, alg ES256, crv P-256, x, y.
fn cose(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(32);
    let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
    key.extend(cbor_bytes(x));
    key.push(0x22);
    key.extend(cbor_bytes(y));
    key
}

fn cbor_text(text: &str) -> Vec<u8> {
    let mut out = vec![0x60 | u8::try_from(text.len()).unwrap()];
    out.extend(text.as_bytes());
    out
}

fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x58, u8::try_from(bytes.len()).unwrap()];
    out.extend(bytes);
    out
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}
