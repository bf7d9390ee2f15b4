package io.salver.engine.pmml;

/** Functions that turn a linear predictor into a mean or probability. */
enum Link {
  IDENTITY,
  LOGIT,
  PROBIT,
  CLOGLOG,
  LOGLOG,
  CAUCHIT,
  EXP;

  double inverse(double y) {
    return switch (this) {
      case IDENTITY -> y;
      case LOGIT -> 1 / (1 + Math.exp(-y));
      case PROBIT -> Normal.cumulative(y);
      case CLOGLOG -> -Math.expm1(-Math.exp(y));
      case LOGLOG -> Math.exp(-Math.exp(-y));
      case CAUCHIT -> 0.5 + Math.atan(y) / Math.PI;
      case EXP -> Math.exp(y);
    };
  }
}
