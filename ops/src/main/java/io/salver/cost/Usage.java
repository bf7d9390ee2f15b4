package io.salver.cost;

/**
 * What a version of a model used in some time.
 *
 * @param predictions requests that were answered
 * @param rows rows that were predicted
 * @param servingNs how long its requests were decoded and its answers encoded, together
 * @param runCpuNs CPU time of the threads that ran it
 * @param workerCpuNs CPU time of its worker processes
 * @param memoryByteSeconds bytes of memory that it took, times how long
 * @param acceleratorSeconds accelerators that it ran on, times how long
 */
public record Usage(
    long predictions,
    long rows,
    long servingNs,
    long runCpuNs,
    long workerCpuNs,
    double memoryByteSeconds,
    double acceleratorSeconds) {
  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0);

  /** Both together. */
  public Usage plus(Usage other) {
    return new Usage(
        predictions + other.predictions,
        rows + other.rows,
        servingNs + other.servingNs,
        runCpuNs + other.runCpuNs,
        workerCpuNs + other.workerCpuNs,
        memoryByteSeconds + other.memoryByteSeconds,
        acceleratorSeconds + other.acceleratorSeconds);
  }
}
