/** The settings of the books, recorded once. */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as book from '../gen/book_pb.ts'

/** The aggregate `book`; there is one. */
export const books = defineAggregate({ domain: 'book', state: book.StateSchema })
  .handles(book.OpenBooksSchema, ({ settings }, state) => {
    if (state.settings !== undefined) {
      throw CommandRejectedError.preconditionFailed('BOOKS_OPEN', 'the books are open already')
    }
    return create(book.BooksOpenedSchema, { settings })
  })
  .applies(book.BooksOpenedSchema, (state, { settings }) => {
    state.settings = settings
  })
