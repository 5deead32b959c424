import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { ScalarType } from '@bufbuild/protobuf'
import * as type from './scalar-type.ts'

describe('scalar types', () => {
  test('have the numbers of the runtime', () => {
    const names = Object.keys(ScalarType).filter((name) => Number.isNaN(Number(name)))
    assert.equal(names.length, 15)
    const ours: Readonly<Record<string, unknown>> = { ...type }
    for (const name of names) {
      assert.equal(ours[name], ScalarType[name as keyof typeof ScalarType], name)
    }
  })
})
