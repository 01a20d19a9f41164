print("shopmeter")
