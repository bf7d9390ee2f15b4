// What endpoints' policies are called, and how their definitions look.

export const POLICIES = {
  direct: { label: "Direct", text: "One route answers everything." },
  split: { label: "Split", text: "Each route answers its share of the requests." },
  canary: { label: "Canary", text: "A new version takes over step by step, and is taken back if it does worse." },
  shadow: { label: "Shadow", text: "One route answers; others get copies that nobody waits for, and are compared." },
  ab: { label: "A/B", text: "Routes with equal shares are compared by the feedback on them." },
  bandit: { label: "Bandit", text: "The shares follow the feedback on the routes." },
  ensemble: { label: "Ensemble", text: "All routes answer, and one answer is made of theirs." },
  cascade: { label: "Cascade", text: "The first route answers; where it is not sure, the next." },
};

export const CANARY_LIMITS = {
  steps: [1, 5, 25, 50],
  step_seconds: 60,
  max_error_rate_increase: 0.01,
  max_latency_increase: 0.2,
};

/** A route as people write it: m, m/3 or m@stable. */
export function routeText(route) {
  if (!route) {
    return "–";
  }
  return route.version !== undefined ? `${route.model}/${route.version}` : route.label ? `${route.model}@${route.label}` : route.model;
}

/** All routes of a policy, in the order in which statistics list them. */
export function routesOf(policy) {
  switch (policy.type) {
    case "direct":
      return [policy.route];
    case "canary":
      return [policy.baseline, policy.canary];
    case "shadow":
      return [policy.route, ...policy.shadows];
    default:
      return policy.routes ?? [];
  }
}

/** A policy of another type that keeps the routes of `policy` as far as it can. */
export function turned(type, policy) {
  const routes = routesOf(policy).map(({ weight, ...route }) => route);
  const first = routes[0] ?? { model: "" };
  const two = routes.length > 1 ? routes : [first, { ...first }];
  switch (type) {
    case "direct":
      return { type, route: first };
    case "split": {
      const share = Math.floor(100 / two.length);
      return { type, routes: two.map((route, i) => ({ ...route, weight: i === 0 ? 100 - share * (two.length - 1) : share })) };
    }
    case "canary":
      return { type, baseline: two[0], canary: two[1], ...CANARY_LIMITS };
    case "shadow":
      return { type, route: two[0], shadows: two.slice(1), percent: 100 };
    case "bandit":
      return { type, algorithm: "thompson", routes: two };
    case "ensemble":
      return { type, combine: "majority", routes: two };
    case "cascade":
      return { type, routes: two, min_confidence: 0.8 };
    default:
      return { type, routes: two };
  }
}

/** What of an endpoint is its definition, without what the server says of it. */
export function definition(endpoint) {
  const { name, objective_ms, default: otherwise, sticky, policy } = endpoint;
  return Object.fromEntries(
    Object.entries({ name, objective_ms, default: otherwise, sticky, policy }).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** A definition as it is sent back: with the revision that it is to replace, so that no other change is lost. */
export function replacing(endpoint, changed) {
  return endpoint.revision === undefined ? changed : { ...changed, revision: endpoint.revision };
}

/** The state of a canary as a chip's kind and word. */
export const CANARY_STATES = {
  running: ["busy", "Running"],
  paused: ["off", "Paused"],
  promoted: ["good", "Promoted"],
  rolled_back: ["bad", "Rolled back"],
};

/** What the analysis of a canary says, as a chip's kind and word. */
export const VERDICTS = {
  pass: ["good", "Pass"],
  fail: ["bad", "Fail"],
  inconclusive: ["off", "Inconclusive"],
};
