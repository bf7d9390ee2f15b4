package io.salver.server.http;

/** Carries a problem to where it is answered. Has no stack trace: it is an everyday answer. */
final class HttpRefusal extends Exception {
  private static final long serialVersionUID = 1;

  private final transient HttpProblem problem;

  HttpRefusal(HttpProblem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  HttpProblem problem() {
    return problem;
  }
}
