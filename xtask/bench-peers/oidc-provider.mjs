// node-oidc-provider with everything in memory: one confidential client that may take an opaque access token for itself
// and ask about it. `node oidc-provider.mjs PORT` serves on the loopback network.

import Provider from 'oidc-provider';

const port = Number(process.argv[2]);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret-of-the-peer',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
  ttl: { ClientCredentials: 24 * 60 * 60 },
});

provider.listen(port, '127.0.0.1');
