mod bills;
