// Uploads a picture as a browser does: FormData in the order of the specification, by fetch. Prints the answer.
import { readFile } from 'node:fs/promises';

const [url, token, path] = process.argv.slice(2);
const query = 'mutation($file: Upload!) { uploadImage(file: $file) { width height contentType } }';
const form = new FormData();
form.append('operations', JSON.stringify({ query, variables: { file: null } }));
form.append('map', JSON.stringify({ 1: ['variables.file'] }));
form.append('1', new Blob([await readFile(path)], { type: 'text/html' }), '../../etc/passwd');
const headers = { Authorization: `Bearer ${token}`, 'Apollo-Require-Preflight': 'true' };
const answer = await fetch(url, { method: 'POST', headers, body: form });
console.log(JSON.stringify({ status: answer.status, body: await answer.json() }));
