/**
 * Salver's configuration: one record for each concern, read from one YAML file.
 *
 * <p>Public face: {@code SalverConfig} and the records in it, {@code SalverYaml} reads them, {@code
 * ConfigException} says what is wrong.
 */
@NullMarked
package io.salver.cli.config;

import org.jspecify.annotations.NullMarked;
