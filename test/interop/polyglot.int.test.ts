import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { askInTypeScript, expectedAnswers, serveInTypeScript } from './polyglot-program.ts'

describe('the polyglot example', () => {
  it('answers its own caller', async () => {
    await using server = await serveInTypeScript()
    assert.deepEqual(await askInTypeScript(server.address), expectedAnswers)
  })
})
