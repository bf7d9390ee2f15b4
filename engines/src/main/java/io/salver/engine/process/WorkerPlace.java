package io.salver.engine.process;

import io.salver.engine.ModelFiles;
import java.nio.file.Path;

/**
 * Where a worker and the server meet.
 *
 * @param directory a directory of the worker's own that nobody else may enter, in memory where that
 *     is to be had; gone when the worker has ended
 * @param socket the Unix domain socket between them
 * @param files the version's files
 * @param connections how many connections there will be
 */
public record WorkerPlace(Path directory, Path socket, ModelFiles files, int connections) {}
