/** What the fuzz tests share. They are run with a fuzzer by {@code ./mvnw verify}. */
package io.salver.server.fuzz;
