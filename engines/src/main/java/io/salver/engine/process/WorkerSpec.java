package io.salver.engine.process;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a worker is and how it is run.
 *
 * @param command the program and its arguments; {@code {socket}} in an argument stands for the
 *     socket's path. Run in the version's directory; with an image, inside a container of it
 * @param environment variables beside the few that every worker gets
 * @param protocol how it is talked to: {@link #SALVER}, or the name of another protocol that the
 *     engine was given
 * @param replicas how many of them there are, at least 1
 * @param connections runs that one of them computes at once, at least 1
 * @param startTimeout within which each has to be ready
 * @param runLimit within which it has to answer, where the request has no deadline
 * @param deadlineGrace how long past a request's deadline it may go on before it is ended
 * @param allowPickle whether it may be given a pickled model, which is code
 * @param memoryLimitBytes the most private memory that each may take; 0 for no limit
 * @param image the container image that it is run in
 */
public record WorkerSpec(
    List<String> command,
    Map<String, String> environment,
    String protocol,
    int replicas,
    int connections,
    Duration startTimeout,
    Duration runLimit,
    Duration deadlineGrace,
    boolean allowPickle,
    long memoryLimitBytes,
    Optional<ContainerImage> image) {
  /** Salver's own protocol. */
  public static final String SALVER = "salver";

  /** What holds for a worker of which only the command is known. */
  public static final WorkerSpec DEFAULT =
      new WorkerSpec(
          List.of(),
          Map.of(),
          SALVER,
          1,
          1,
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          false,
          0,
          Optional.empty());

  public WorkerSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (replicas < 1 || connections < 1 || memoryLimitBytes < 0) {
      throw new IllegalArgumentException(
          "worker: replicas %d, connections %d, memory limit %d (expected: >= 1, >= 1, >= 0)"
              .formatted(replicas, connections, memoryLimitBytes));
    }
    if (!startTimeout.isPositive() || !runLimit.isPositive() || deadlineGrace.isNegative()) {
      throw new IllegalArgumentException(
          "worker: start timeout %s, run limit %s, deadline grace %s (expected: > 0, > 0, >= 0)"
              .formatted(startTimeout, runLimit, deadlineGrace));
    }
  }

  /** This, with another command. */
  public WorkerSpec withCommand(List<String> command) {
    return new WorkerSpec(
        command,
        environment,
        protocol,
        replicas,
        connections,
        startTimeout,
        runLimit,
        deadlineGrace,
        allowPickle,
        memoryLimitBytes,
        image);
  }

  /** How many runs all replicas together compute at once. */
  int parallelRuns() {
    return replicas * connections;
  }
}
