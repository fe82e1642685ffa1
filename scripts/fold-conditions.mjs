const NO_VALUE = Symbol('AWS::NoValue')

/**
 * Settles a template's conditions, all of which compare parameters known at package time: what is
 * not wanted is not in the template at all, so that nothing has to guess what will be deployed.
 *
 * @param {any} template
 */
export function foldConditions({ Conditions = {}, ...template }) {
  /** @param {any} condition @returns {boolean} */
  const isTrue = (condition) => {
    if (typeof condition === 'string') return isTrue(Conditions[condition] ?? missing(condition))
    const { 'Fn::Equals': equals, 'Fn::Not': not } = condition
    if (equals) return String(equals[0]) === String(equals[1])
    if (not) return !isTrue(not[0])
    throw new Error(
      `A condition may be Fn::Equals or Fn::Not, not ${Object.keys(condition).join()}`,
    )
  }

  /** @param {any} value @returns {any} */
  const fold = (value) => {
    if (value === null || typeof value !== 'object') return value
    if (value.Ref === 'AWS::NoValue') return NO_VALUE
    if (value['Fn::If']) {
      const [condition, yes, no] = value['Fn::If']
      return fold(isTrue(condition) ? yes : no)
    }
    if (Array.isArray(value)) return value.map(fold).filter((item) => item !== NO_VALUE)
    const entries = Object.entries(value).map(([key, item]) => [key, fold(item)])
    return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE))
  }

  /** @param {Record<string, any>} section its entries may carry a condition of their own */
  const wanted = (section) =>
    Object.fromEntries(
      Object.entries(section)
        .filter(([, { Condition }]) => Condition === undefined || isTrue(Condition))
        .map(([name, { Condition: _settled, ...entry }]) => [name, fold(entry)]),
    )

  return {
    ...template,
    Resources: wanted(template.Resources),
    Outputs: wanted(template.Outputs),
  }
}

/**
 * @param {string} condition
 * @returns {never}
 */
function missing(condition) {
  throw new Error(`There is no condition ${condition}`)
}
