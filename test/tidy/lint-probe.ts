/** Runs the project's lint rules on files made for the purpose, in a folder outside the project. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectRoot } from '../project-root.ts'

/** Rules that fired, by the path of the file they fired in. */
export type Findings = ReadonlyMap<string, ReadonlySet<string>>

/** Lints the given files (path to text) with the project's `.oxlintrc.json`. */
export function lint(files: Readonly<Record<string, string>>): Findings {
  const folder = mkdtempSync(join(tmpdir(), 'amends-lint-'))
  try {
    for (const name of ['.oxlintrc.json', 'tsconfig.base.json', 'tsconfig.json']) {
      copyFileSync(join(projectRoot, name), join(folder, name))
    }
    mkdirSync(join(folder, 'src'))
    copyFileSync(join(projectRoot, 'src/tsconfig.json'), join(folder, 'src/tsconfig.json'))
    symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const folders = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))
    return findingsOf(folder, [...folders])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function findingsOf(cwd: string, folders: readonly string[]): Findings {
  const oxlint = join(projectRoot, 'node_modules/oxlint/bin/oxlint')
  const args = [oxlint, '--type-aware', '--format', 'json', ...folders]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  assert.ok(stdout.startsWith('{'), `${stdout}${stderr}`)
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { readonly code: string; readonly filename: string }[]
  }
  const findings = new Map<string, Set<string>>()
  for (const { code, filename } of diagnostics) {
    const rules = findings.get(filename) ?? new Set()
    findings.set(filename, rules.add(code))
  }
  return findings
}
