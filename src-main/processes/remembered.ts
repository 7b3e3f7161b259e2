/** Answers that stay what they are: a form asks again with every key. */

const mostAnswers = 100

/** Asks once for each question as JSON writes it; a question that failed is asked anew. */
export function remembered<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (question) => {
    const key = JSON.stringify(question)
    const answer = answers.get(key) ?? ask(question)
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    for (const [oldest] of answers) if (answers.size > mostAnswers) answers.delete(oldest)
    return answer
  }
}
