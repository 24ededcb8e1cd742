// Circuit breakers: which are open, what opened them, what their callers get.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { breakerStates, lines } from './panels.ts';
import { BREAKER, highest, matching, quantile, rate, STATE, series } from './series.ts';

export function circuitDashboard(): DashboardBuilder {
  return dashboard('circuit-breakers', 'Sietch: circuit breakers')
    .withPanel(
      breakerStates({
        title: 'Which circuits are open, and since when?',
        description: 'While one is open, its calls are not made. The log record sietch.circuit_breaker.open names the errors and traces.',
        span: 16,
        alerts: ['SietchCircuitOpen'],
        queries: [{ expr: highest('sietch.circuit_breaker.state', [BREAKER]), legend: `{{${BREAKER}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'Which circuits flap?',
        description: 'Openings within ten minutes: its probes succeed, and the calls after them fail.',
        alerts: ['SietchCircuitFlapping'],
        queries: [
          {
            expr: `sum by (${BREAKER}) (round(increase(${series('sietch.circuit_breaker.transitions')}${matching(`${STATE}="open"`)}[10m])))`,
            legend: `{{${BREAKER}}}`,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What opens the circuit?',
        description: 'Share of failed calls in the window that the breaker looks at.',
        unit: 'percentunit',
        queries: [{ expr: highest('sietch.circuit_breaker.failure_rate', [BREAKER]), legend: `{{${BREAKER}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'Are calls slow before they fail?',
        description: 'Share of calls in the window that took longer than SIETCH_OTEL_CIRCUIT_SLOW_CALL_MS.',
        unit: 'percentunit',
        alerts: ['SietchCircuitSlow'],
        queries: [{ expr: highest('sietch.circuit_breaker.slow_call_rate', [BREAKER]), legend: `{{${BREAKER}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long do calls take?',
        description: '95th percentile. The dots lead to traces.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'sietch.circuit_breaker.call.duration', [BREAKER], matching()),
            legend: `{{${BREAKER}}}`,
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What becomes of the calls?',
        description: 'rejected: not made, since the circuit is open; at_capacity: not made, since too many are under way.',
        unit: 'ops',
        queries: [
          {
            expr: rate('sietch.circuit_breaker.calls', [BREAKER, 'sietch_circuit_breaker_outcome'], matching()),
            legend: `{{${BREAKER}}} {{sietch_circuit_breaker_outcome}}`,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'How often do callers get the fallback?',
        description: 'Answers in place of the protected call, and fallbacks that failed too.',
        unit: 'ops',
        queries: [
          { expr: rate('sietch.circuit_breaker.fallbacks', [BREAKER], matching()), legend: `{{${BREAKER}}}` },
          { expr: rate('sietch.circuit_breaker.fallback.failures', [BREAKER], matching()), legend: `{{${BREAKER}}} failed` },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'When did a state change?',
        description: 'Transitions a second, by the state that came.',
        unit: 'ops',
        queries: [
          { expr: rate('sietch.circuit_breaker.transitions', [BREAKER, STATE], matching()), legend: `{{${BREAKER}}} {{${STATE}}}` },
        ],
      }),
    );
}
