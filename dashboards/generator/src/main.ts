/** Writes a file for each dashboard into the folder that is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compare } from './compare.js';
import { instrument } from './instrument.js';
import { provider } from './provider.js';
import { selfHosted } from './self_hosted.js';
import { slo } from './slo.js';

const folder = process.argv[2];
if (!folder) {
  throw new Error('usage: main.js FOLDER');
}
for (const each of [compare, provider, slo, selfHosted, instrument]) {
  const name = each.uid.replace(/^inferometer-/, '');
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(each, null, 2)}\n`);
}
