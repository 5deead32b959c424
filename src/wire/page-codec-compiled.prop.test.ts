import { describe } from 'node:test'
import { compileAfter } from './codec/compile-when-hot.ts'
import { pageCodecProperties } from './page-codec-properties.test.support.ts'

compileAfter(0)
describe('an event page with compiled code', pageCodecProperties)
