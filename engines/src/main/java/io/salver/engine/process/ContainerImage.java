package io.salver.engine.process;

/**
 * A container image that a worker is run in.
 *
 * @param name as {@code registry/name:tag}
 * @param runtime the command line that runs it: {@code docker} or {@code podman}
 * @param cpus how many processors it may use; 0 for no limit
 */
public record ContainerImage(String name, String runtime, double cpus) {
  public ContainerImage {
    if (name.isEmpty() || name.startsWith("-") || runtime.isEmpty() || !(cpus >= 0)) {
      throw new IllegalArgumentException(
          "image: \"%s\", runtime \"%s\", cpus %s (expected: a name, a command, >= 0)"
              .formatted(name, runtime, cpus));
    }
  }
}
