/** The first program of the readme prints what it says, in memory and on a ledger. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runScript } from '../package/tools.ts'
import { projectRoot } from '../project-root.ts'

const UNDONE = 'refunded c-1\nreleased r-1\n'
const IN_MEMORY = `${UNDONE}undone: no carrier takes 2 x chai\n`
const examples = join(projectRoot, 'dist/examples/readme')

test('the workflow of the readme undoes what it did, and runs once for its id', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amends-readme-'))
  try {
    assert.equal(runScript(folder, join(examples, 'checkout.js')), IN_MEMORY)
    const durable = join(examples, 'checkout-durable.js')
    assert.equal(runScript(folder, durable), `${IN_MEMORY}${UNDONE}failed done\n`)
    // The same id answers with the first execution: nothing is undone twice.
    assert.equal(runScript(folder, durable), `${IN_MEMORY}failed done\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
