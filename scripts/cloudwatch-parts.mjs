/**
 * serverless.yml writes alarms and the dashboard shorter than CloudFormation would have them: see
 * the two functions for what they spell out.
 *
 * @typedef {Record<string, any>} Resources
 */

/** @param {Resources} resources */
export function spellOutCloudWatch(resources) {
  const entries = Object.entries(resources).map(([name, resource]) => {
    const { Type, Properties } = resource
    if (Type === 'AWS::CloudWatch::Alarm') {
      return [name, { ...resource, Properties: spellOutAlarm(Properties) }]
    }
    if (Type === 'AWS::CloudWatch::Dashboard') {
      const DashboardBody = { 'Fn::Sub': JSON.stringify(Properties.DashboardBody) }
      return [name, { ...resource, Properties: { ...Properties, DashboardBody } }]
    }
    return [name, resource]
  })
  return Object.fromEntries(entries)
}

/**
 * `Metrics` as a map: a metric as dashboards write it or an expression, under its id. The last one
 * is what the alarm compares; `Statistic` and `Period` hold for all of them.
 *
 * @param {any} properties
 */
function spellOutAlarm({ Metrics, Statistic, Period, ...properties }) {
  const ids = Object.keys(Metrics)
  const queries = ids.map((Id) => {
    const ReturnData = Id === ids.at(-1)
    const metric = Metrics[Id]
    if (typeof metric === 'string') return { Id, Expression: metric, Label: Id, ReturnData }
    return {
      Id,
      MetricStat: { Metric: metricOf(metric), Stat: Statistic, Period },
      ReturnData,
    }
  })
  return { ...properties, Metrics: queries }
}

/** @param {any[]} metric namespace, name, then each dimension's name and value */
function metricOf([Namespace, MetricName, ...pairs]) {
  const Dimensions = []
  for (let at = 0; at < pairs.length; at += 2) {
    Dimensions.push({ Name: pairs[at], Value: pairs[at + 1] })
  }
  return { Namespace, MetricName, Dimensions }
}
