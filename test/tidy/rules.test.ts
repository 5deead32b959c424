import { strict as assert } from 'node:assert'
import { before, describe, it } from 'node:test'
import { lint, type Findings } from './lint-probe.ts'

const lines = (count: number): string => 'void 0\n'.repeat(count)
const long = `export function long(): void {\n${lines(70)}}\n`

/** Text of a probe, the rule it breaks, and a path where the same text is allowed. */
const rules: readonly {
  readonly fact: string
  readonly rule: string
  readonly text: string
  readonly path?: string
  readonly allowedIn?: readonly string[]
}[] = [
  {
    fact: 'a promise nobody waits for is refused',
    rule: 'typescript(no-floating-promises)',
    text: `Promise.resolve(1)\n`,
  },
  {
    fact: 'a switch that forgets an arm of a union is refused',
    rule: 'typescript(switch-exhaustiveness-check)',
    text: `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      break\n  }\n}\n`,
  },
  {
    fact: 'an async function where nobody waits for it is refused',
    rule: 'typescript(no-misused-promises)',
    text: `export const f = (x: readonly number[]): void => x.forEach(async () => {})\n`,
  },
  {
    fact: 'any is refused',
    rule: 'typescript(no-explicit-any)',
    text: `export const x: any = 1\n`,
  },
  {
    fact: 'export * is refused',
    rule: 'oxc(no-barrel-file)',
    path: 'src/ledger/barrel/index.ts',
    text: `export * from '../long-file.ts'\n`,
  },
  {
    fact: 'a file of more than 400 lines is refused',
    rule: 'eslint(max-lines)',
    path: 'src/ledger/long-file.ts',
    text: `${lines(400)}export const x = 1\n`,
    allowedIn: ['src/proto/long_pb.ts', 'examples/probe/gen/long_pb.ts'],
  },
  {
    fact: 'a function of more than 70 lines is refused outside of tests',
    rule: 'eslint(max-lines-per-function)',
    text: long,
    allowedIn: ['src/ledger/long.test.ts', 'test/long.ts', 'src/testing/bus-contract/order.ts'],
  },
  {
    fact: 'time is read in clock.ts alone',
    rule: 'eslint(no-restricted-properties)',
    text: `export const now = Date.now()\n`,
    allowedIn: ['src/clock.ts', 'src/ledger/now.test.ts', 'bench/now.ts'],
  },
  {
    fact: 'ids are made in identity.ts alone',
    rule: 'eslint(no-restricted-properties)',
    text: `import { randomUUID } from 'node:crypto'\nexport const id = crypto.randomUUID()\n`,
    allowedIn: ['src/identity.ts'],
  },
  {
    fact: 'randomness comes from identity.ts alone',
    rule: 'eslint(no-restricted-properties)',
    text: `const { random } = Math\nexport const x = random()\n`,
    allowedIn: ['src/identity.ts'],
  },
  {
    fact: 'the environment is read in host, cli and *from-env* alone',
    rule: 'node(no-process-env)',
    text: `export const x = process.env['X']\n`,
    allowedIn: [
      'src/host/x.ts',
      'src/cli/x.ts',
      'src/client/endpoint-from-env.ts',
      'src/limits-from-env.ts',
    ],
  },
]

describe('the lint rules', () => {
  let findings: Findings

  before(() => {
    const files: Record<string, string> = {
      'src/ledger/cycle-a.ts': `import type { B } from './cycle-b.ts'\nexport type A = B | 1\n`,
      'src/ledger/cycle-b.ts': `import type { A } from './cycle-a.ts'\nexport type B = A | 2\n`,
      'src/ledger/calls.test.ts': `import { describe, it, test } from 'node:test'\ntest('a', async () => {})\ndescribe('b', () => {\n  it('c', async () => {})\n})\n`,
    }
    for (const [index, { text, path, allowedIn }] of rules.entries()) {
      files[path ?? `src/ledger/probe-${index}.ts`] = text
      for (const other of allowedIn ?? []) files[other] = (files[other] ?? '') + text
    }
    findings = lint(files)
  })

  for (const [index, { fact, rule, path, allowedIn }] of rules.entries()) {
    it(fact, () => {
      const broken = path ?? `src/ledger/probe-${index}.ts`
      assert.ok(findings.get(broken)?.has(rule), `${rule} did not fire in ${broken}`)
      for (const other of allowedIn ?? []) {
        assert.ok(findings.get(other)?.has(rule) !== true, `${rule} fired in ${other}`)
      }
    })
  }

  it('an import cycle is refused, of types too', () => {
    assert.ok(findings.get('src/ledger/cycle-a.ts')?.has('import(no-cycle)'))
  })

  it('calls of test, describe and it are no floating promises', () => {
    assert.equal(findings.get('src/ledger/calls.test.ts'), undefined)
  })
})
