package main

func (c *config) errorcheck() error { return nil }
