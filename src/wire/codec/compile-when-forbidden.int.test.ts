import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const CHILD = fileURLToPath(new URL('./code-forbidden.test.support.js', import.meta.url))

test('where code from strings is forbidden, messages are taken as before', () => {
  const flags = ['--disallow-code-generation-from-strings']
  assert.equal(execFileSync(process.execPath, [CHILD], { encoding: 'utf8' }), 'compiled, equal')
  assert.equal(
    execFileSync(process.execPath, [...flags, CHILD], { encoding: 'utf8' }),
    'interpreted, equal',
  )
})
