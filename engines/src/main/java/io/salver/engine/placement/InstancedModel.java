package io.salver.engine.placement;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A model with a number of instances, each of which is run by one request at a time. They are
 * copies of it, or turns of one that may be run by all at once. Whoever finds none idle waits,
 * which does not come about with as many threads as {@link #workers} says.
 */
final class InstancedModel implements LoadedModel {
  private final List<LoadedModel> copies;
  private final int instances;
  private final boolean approximate;
  private final BlockingQueue<LoadedModel> idle;

  /**
   * A model of those.
   *
   * @param copies closed with it: one, or as many as {@code instances}
   * @param approximate see {@link LoadedModel#isApproximate}
   */
  InstancedModel(List<LoadedModel> copies, int instances, boolean approximate) {
    this.copies = List.copyOf(copies);
    this.instances = instances;
    this.approximate = approximate;
    this.idle = new ArrayBlockingQueue<>(instances);
    for (int i = 0; i < instances; i++) {
      idle.add(copies.get(i % copies.size()));
    }
  }

  @Override
  public Map<String, Signature> signatures() {
    return copies.getFirst().signatures();
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public int workers() {
    return instances;
  }

  @Override
  public boolean isApproximate() {
    return approximate;
  }

  @Override
  public void run(Batch batch) {
    LoadedModel instance = take(batch.deadlineNs());
    try {
      instance.run(batch);
    } finally {
      idle.add(instance);
    }
  }

  private LoadedModel take(long deadlineNs) {
    long waitNs = deadlineNs == Long.MAX_VALUE ? Long.MAX_VALUE : deadlineNs - System.nanoTime();
    try {
      LoadedModel instance = idle.poll(waitNs, TimeUnit.NANOSECONDS);
      if (instance != null) {
        return instance;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServingException(
          Category.UNAVAILABLE, "the thread was interrupted while it waited for an instance");
    }
    throw new ServingException(
        Category.DEADLINE_EXCEEDED,
        "deadline: passed while all " + instances + " instances of the model were in use");
  }

  @Override
  public List<byte[]> examples(Signature signature, int input) {
    return copies.getFirst().examples(signature, input);
  }

  @Override
  public long memoryBytes() {
    return copies.stream().mapToLong(LoadedModel::memoryBytes).sum();
  }

  @Override
  public Optional<byte[]> metadata(String key) {
    return copies.getFirst().metadata(key);
  }

  @Override
  public Set<String> metadataKeys() {
    return copies.getFirst().metadataKeys();
  }

  @Override
  public void close() {
    copies.forEach(LoadedModel::close);
  }
}
