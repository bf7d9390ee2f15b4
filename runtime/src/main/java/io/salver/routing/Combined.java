package io.salver.routing;

/**
 * One answer made of several members' answers.
 *
 * @param scores {@code [rows * classes]}, row after row; NaN in rows for which no member answered
 * @param confidence how much the members that answered agree, for each row, 0 to 1; 0 where nobody
 *     answered
 * @param arrived the share of members that answered, 0 to 1. Few that agree are less sure than
 *     many: this is for who wants a quorum
 */
public record Combined(double[] scores, double[] confidence, double arrived) {}
