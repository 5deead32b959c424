// node scripts/complete-lock.mjs [package-lock.json]
//
// Adds to a lock file the platform packages that the registry did not have when it was written.
// Without them `npm ci` refuses the file; with them it installs those that fit the platform and
// fetches nothing of the others. An added entry has no checksum. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './child.mjs'

const PLATFORMS = /** @type {const} */ ([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
])
/** @type {Readonly<Record<string, string>>} how package names spell what Node calls a CPU */
const CPUS = {
  aarch64: 'arm64',
  arm: 'arm',
  arm64: 'arm64',
  armv7: 'arm',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  x64: 'x64',
}

const file = join(root, process.argv[2] ?? 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = Object.entries(lock.packages)
  .filter(([folder]) => folder !== '')
  .flatMap(([, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).map(([name, range]) => ({
      name,
      range,
      entry,
    })),
  )
  .filter(({ name }) => lock.packages[`node_modules/${name}`] === undefined)

for (const { name, range, entry } of missing) {
  lock.packages[`node_modules/${name}`] = platformPackage(name, range, entry.dev === true)
}
if (missing.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(
    file,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
  )
}
console.log(`${missing.length} platform packages added`)

/**
 * @param {string} name
 * @param {string} range
 * @param {boolean} dev
 */
function platformPackage(name, range, dev) {
  const words = name === 'fsevents' ? ['darwin'] : name.split(/[/-]/)
  const os = PLATFORMS.find((platform) => words.includes(platform))
  if (os === undefined) throw new Error(`${name} is optional and names no platform`)
  const cpu = words.map((word) => CPUS[word]).find((known) => known !== undefined)
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined
  return {
    version: range.replace(/^[~^]/, ''),
    ...(cpu !== undefined && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    ...(libc !== undefined && { libc: [libc] }),
    optional: true,
    os: [os],
  }
}
