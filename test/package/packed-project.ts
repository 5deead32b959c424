/**
 * A project of a user: the packed tarball and what it declares to need, in a folder where nothing
 * of ours is found by accident.
 */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectRoot } from '../project-root.ts'
import { worldsFolder } from './tools.ts'

/** The project; disposing removes it. */
export type PackedProject = Disposable & {
  readonly folder: string
  /** Paths in the tarball. */
  readonly files: readonly string[]
}

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Packs what is built, unpacks it into a new project, and copies the programs there. */
export function packedProject(tools: readonly string[]): PackedProject {
  const folder = mkdtempSync(join(tmpdir(), 'amends-worlds-'))
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  const files = unpack(folder, join(modules, 'amends'))
  const manifest = readFileSync(join(modules, 'amends/package.json'), 'utf8')
  const { dependencies, peerDependencies } = JSON.parse(manifest) as Manifest
  const needed = Object.keys({ ...dependencies, ...peerDependencies, '@types/node': '' })
  for (const name of needed) link(join(projectRoot, 'node_modules'), modules, name)
  for (const name of tools) link(join(worldsFolder, 'node_modules'), modules, name)
  cpSync(join(worldsFolder, 'programs'), folder, { recursive: true })
  for (const name of ['orders_pb.ts', 'inventory_pb.ts']) {
    cpSync(join(projectRoot, 'test/fixtures/gen', name), join(folder, 'gen', name))
  }
  cpSync(join(worldsFolder, 'package.json'), join(folder, 'package.json'))
  return { folder, files, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

function unpack(scratch: string, target: string): readonly string[] {
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', scratch]
  const packed = spawnSync('npm', args, { cwd: projectRoot, encoding: 'utf8' })
  assert.equal(packed.status, 0, packed.stderr)
  const [tarball] = JSON.parse(packed.stdout) as readonly {
    readonly filename: string
    readonly files: readonly { readonly path: string }[]
  }[]
  assert.ok(tarball)
  mkdirSync(target)
  const from = join(scratch, tarball.filename)
  const tar = spawnSync('tar', ['-xzf', from, '-C', target, '--strip-components=1'])
  assert.equal(tar.status, 0, String(tar.stderr))
  return tarball.files.map(({ path }) => path)
}

function link(from: string, to: string, name: string): void {
  mkdirSync(dirname(join(to, name)), { recursive: true })
  symlinkSync(join(from, name), join(to, name))
}
