// Generates the TypeScript of every .proto file in the repository, offline.
//
//   proto/                 -> src/proto/
//   test/fixtures/proto/   -> test/fixtures/gen/
//   docs/programs/proto/   -> docs/programs/gen/
//   templates/aggregate/proto/ -> templates/aggregate/src/gen/
//   examples/<name>/proto/ -> examples/<name>/gen/
//
// Output is made in a temporary folder first. Without a flag it then replaces the generated files
// (`*_pb.ts`) of each target; with `--check` nothing is written, and files that differ are listed.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const check = process.argv.includes('--check')
const scratch = mkdtempSync(join(tmpdir(), 'amends-generate-'))

try {
  const differing = targets().flatMap(({ from, to }, index) => {
    const made = join(scratch, String(index))
    generate(from, made)
    return check ? differences(made, to) : replace(made, to)
  })
  if (differing.length > 0) {
    console.error(`generated files differ, run "npm run generate":\n${differing.join('\n')}`)
    process.exitCode = 1
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Every folder of .proto files, with the folder its code goes to. */
function targets() {
  const found = [
    { from: 'proto', to: 'src/proto' },
    { from: 'test/fixtures/proto', to: 'test/fixtures/gen' },
    { from: 'docs/programs/proto', to: 'docs/programs/gen' },
    { from: 'templates/aggregate/proto', to: 'templates/aggregate/src/gen' },
  ]
  for (const name of names(join(root, 'examples'))) {
    found.push({ from: `examples/${name}/proto`, to: `examples/${name}/gen` })
  }
  return found.filter(({ from }) => files(join(root, from), '.proto').length > 0)
}

function generate(from, made) {
  const { status, error } = spawnSync(
    buf(),
    ['generate', from, '--template', 'buf.gen.yaml', '-o', made],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // The template starts the plugin with `node`: the one that runs this script.
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
      },
    },
  )
  if (error) throw error
  if (status !== 0) throw new Error(`buf generate ${from} ended with ${status}`)
}

/** The binary of whichever platform package is installed; its npm wrapper needs an install script. */
function buf() {
  const scope = join(root, 'node_modules', '@bufbuild')
  const binary = process.platform === 'win32' ? 'buf.exe' : 'buf'
  const { platform } = process
  const arch = process.arch === 'arm64' && platform === 'linux' ? 'aarch64' : process.arch
  const exact = join(scope, `buf-${platform}-${arch}`, 'bin', binary)
  if (existsSync(exact)) return exact
  const other = names(scope).find((name) => name.startsWith(`buf-${platform}-`))
  if (other) return join(scope, other, 'bin', binary)
  throw new Error(`no @bufbuild/buf package for ${platform} ${process.arch} is installed`)
}

function differences(made, to) {
  const wanted = files(made, '_pb.ts')
  const present = files(join(root, to), '_pb.ts')
  const all = [...new Set([...wanted, ...present])].sort()
  return all
    .filter((file) => text(join(made, file)) !== text(join(root, to, file)))
    .map((file) => join(to, file))
}

function replace(made, to) {
  const wanted = new Set(files(made, '_pb.ts'))
  for (const file of files(join(root, to), '_pb.ts')) {
    if (!wanted.has(file)) rmSync(join(root, to, file))
  }
  for (const file of wanted) {
    // Unchanged files keep their time stamp, so that nothing is compiled again for them.
    if (text(join(made, file)) !== text(join(root, to, file))) {
      cpSync(join(made, file), join(root, to, file))
    }
  }
  return []
}

function text(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function names(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Paths below the folder whose names end so, relative to it. */
function files(folder, ending) {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
