/**
 * Who may do what: roles, the table of what needs which, credentials, and limits.
 *
 * <p>Knows connections, and nothing of HTTP and gRPC: {@code io.salver.server.guard} stands there.
 *
 * <p>Public face: {@code AccessControl}, {@code AccessSettings}, {@code TokenSettings}, {@code
 * AccessTable}, {@code AccessRule}, {@code Role}, {@code Principal}, {@code Allowance}, {@code
 * Limits}, {@code Caller}, {@code Refusal}, {@code ApiKey}.
 */
@NullMarked
package io.salver.server.access;

import org.jspecify.annotations.NullMarked;
