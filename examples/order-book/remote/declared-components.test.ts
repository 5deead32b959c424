import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declarationOf } from './declared-components.ts'
import { definitionsElsewhere } from './remote-components.ts'

test('every component is declared once, under the name it dials in with', () => {
  const declared = definitionsElsewhere().map(declarationOf)
  const names = declared.map(
    ({ kind, name, domain }) => `${String(kind)} ${String(name ?? domain)}`,
  )
  assert.equal(new Set(names).size, 11)
  assert.ok(names.includes('aggregate inventory'))
  assert.ok(names.includes('projector stock-elsewhere'))
  const manager = declared.find(({ kind }) => kind === 'process_manager')
  assert.equal(manager?.['domain'], 'fulfillment')
  assert.equal(manager?.['types']?.length, 6)
})
