// An OpenID provider (oidc-provider, certified by the OpenID Foundation) with people and clients for the tests. Whoever signs in
// types a name of `people`; any password is right. It says under which address it is reached, which is a proxy of the tests.
import { Provider } from 'oidc-provider';

const issuer = process.argv[2];
const settings = JSON.parse(process.argv[3]);

const provider = new Provider(issuer, {
  clients: settings.clients,
  claims: { openid: ['sub'], email: ['email', 'email_verified', 'hd'], profile: ['name'] },
  // Claims in the token itself, as Google and most others send them.
  conformIdTokenClaims: false,
  // Proof of the code's owner is not demanded here: what is tested is that we send it and that it counts.
  pkce: { required: () => false },
  cookies: { keys: ['keys of a provider that lives for one test'] },
  findAccount: (_, id) => {
    const claims = settings.people[id];
    // The account is what was typed; what relying parties call the person is among the claims.
    return claims && { accountId: id, claims: () => claims };
  },
});
provider.proxy = true;

const server = provider.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
// It ends with the test that started it, however that ends.
process.stdin.on('end', () => process.exit(0)).resume();
