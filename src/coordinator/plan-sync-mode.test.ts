import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SyncMode } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { effectiveMode } from './plan-sync-mode.ts'

const { ASYNC, DECISION, SIMPLE, CASCADE, ISOLATED } = SyncMode

describe('the mode of a command', () => {
  const rows: readonly (readonly [SyncMode, SyncMode, SyncMode])[] = [
    [ASYNC, DECISION, DECISION],
    [DECISION, ASYNC, DECISION],
    [DECISION, SIMPLE, SIMPLE],
    [SIMPLE, DECISION, SIMPLE],
    [SIMPLE, CASCADE, CASCADE],
    [CASCADE, ASYNC, CASCADE],
    [CASCADE, DECISION, CASCADE],
    [CASCADE, SIMPLE, CASCADE],
    [ASYNC, ISOLATED, ISOLATED],
    [DECISION, ISOLATED, ISOLATED],
    [SIMPLE, ISOLATED, ISOLATED],
    [CASCADE, ISOLATED, ISOLATED],
  ]
  test('is the stronger one of its own and that of its caller, but for ISOLATED [coordinator-C-0508]', () => {
    for (const [caller, own, effective] of rows) {
      assert.equal(effectiveMode(caller, own), effective, `${caller} ${own}`)
    }
    assert.equal(effectiveMode(CASCADE, undefined), CASCADE)
    assert.equal(effectiveMode(77 as SyncMode, undefined), ASYNC)
  })
})
